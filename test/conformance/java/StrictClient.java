import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.captaingoldfish.scim.sdk.client.ScimClientConfig;
import de.captaingoldfish.scim.sdk.client.ScimRequestBuilder;
import de.captaingoldfish.scim.sdk.client.response.ServerResponse;
import de.captaingoldfish.scim.sdk.common.constants.enums.Comparator;
import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.PatchOp;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.resources.EnterpriseUser;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.client.resources.ResourceType;
import de.captaingoldfish.scim.sdk.common.schemas.Schema;
import de.captaingoldfish.scim.sdk.common.resources.ResourceNode;
import de.captaingoldfish.scim.sdk.common.resources.ServiceProvider;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.base.ScimObjectNode;
import de.captaingoldfish.scim.sdk.common.resources.complex.Name;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Email;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Member;
import de.captaingoldfish.scim.sdk.common.response.BulkResponse;
import de.captaingoldfish.scim.sdk.common.response.BulkResponseOperation;
import de.captaingoldfish.scim.sdk.common.response.ListResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The life of users and groups through SCIM-SDK's client, which takes an answer only with the content type of RFC 7644 and reads
 * every attribute as the type that RFC 7643 gives it. Prints one JSON object a case.
 */
public class StrictClient {

  private static ScimRequestBuilder scim;

  /** What RFC 7643 §5 and RFC 9865 §4 define; strict clients refuse others. */
  private static final Set<String> SERVICE_PROVIDER_MEMBERS = Set.of("schemas", "id", "meta", "documentationUri", "patch", "bulk",
      "filter", "changePassword", "sort", "etag", "pagination", "authenticationSchemes");

  /** RFC 7643 §6. */
  private static final Set<String> RESOURCE_TYPE_MEMBERS =
      Set.of("schemas", "id", "meta", "name", "description", "endpoint", "schema", "schemaExtensions");

  /** RFC 7644 §3.12. */
  private static final Set<String> ERROR_MEMBERS = Set.of("schemas", "status", "scimType", "detail");

  public static void main(String[] arguments) {
    String url = System.getenv("SCIM_URL");
    Map<String, String> headers = Map.of("Authorization", "Bearer " + System.getenv("SCIM_TOKEN"));
    var config = ScimClientConfig.builder().httpHeaders(headers).connectTimeout(60).requestTimeout(60).socketTimeout(60).build();
    scim = new ScimRequestBuilder(url, config);
    discovery();
    users();
    groups();
    bulk();
    errors();
  }

  private static void discovery() {
    report("discovery: ServiceProviderConfig", () -> {
      ServiceProvider answer = read(scim.get(ServiceProvider.class, "/ServiceProviderConfig").sendRequest(), 200);
      onlyMembers(answer, SERVICE_PROVIDER_MEMBERS);
      require(answer.getPatchConfig().isSupported(), "PATCH is not declared");
      require(answer.getFilterConfig().isSupported(), "filters are not declared");
      require(!answer.getAuthenticationSchemes().isEmpty(), "no authentication scheme is declared");
      return answer;
    });
    report("discovery: ResourceTypes", () -> {
      List<ResourceType> types = list(scim.list(ResourceType.class, "/ResourceTypes").get().sendRequest());
      types.forEach(type -> onlyMembers(type, RESOURCE_TYPE_MEMBERS));
      Set<String> names = types.stream().map(ResourceType::getName).collect(Collectors.toSet());
      require(names.containsAll(List.of("User", "Group")), "served are " + names);
      return types;
    });
    report("discovery: Schemas", () -> {
      List<Schema> schemas = list(scim.list(Schema.class, "/Schemas").get().sendRequest());
      schemas.forEach(schema -> require(!schema.getAttributes().isEmpty(), schema.getId() + " has no attributes"));
      return schemas;
    });
    report("discovery: all of it at once, as the client sets itself up", () -> {
      var answer = scim.loadMetaConfiguration().sendRequest();
      require(answer.isSuccess(), answer.getResponseBody());
      return answer.getResource();
    });
  }

  private static void users() {
    User anna = created("user: create", "/Users", User.class, () -> user("anna@example.com"));
    report("user: create a second with the same userName is refused", () -> {
      var answer = scim.create(User.class, "/Users").setResource(user("ANNA@example.com")).sendRequest();
      return refusal(answer, 409, "uniqueness");
    });
    report("user: get", () -> {
      User found = read(scim.get(User.class, "/Users", id(anna)).sendRequest(), 200);
      require(found.getUserName().equals(Optional.of("anna@example.com")), "userName is " + found.getUserName());
      require(found.isActive().equals(Optional.of(true)), "active is not a boolean");
      Optional<String> department = found.getEnterpriseUser().flatMap(EnterpriseUser::getDepartment);
      require(department.equals(Optional.of("Research")), "department is " + department);
      require(found.getMeta().flatMap(meta -> meta.getCreated()).isPresent(), "meta.created is no date");
      return found;
    });
    report("user: get with If-None-Match", () -> {
      User found = read(scim.get(User.class, "/Users", id(anna)).sendRequest(), 200);
      var answer = scim.get(User.class, "/Users", id(anna)).setETagForIfNoneMatch(version(found)).sendRequest();
      return status(answer, 304);
    });
    report("user: replace", () -> {
      User wanted = user("anna@example.com");
      wanted.setNickName("Anni");
      User replaced = read(scim.update(User.class, "/Users", id(anna)).setResource(wanted).sendRequest(), 200);
      require(replaced.getNickName().equals(Optional.of("Anni")), "nickName is " + replaced.getNickName());
      return replaced;
    });
    report("user: replace with an If-Match of the past is refused", () -> {
      User wanted = user("anna@example.com");
      return status(scim.update(User.class, "/Users", id(anna)).setETagForIfMatch("0").setResource(wanted).sendRequest(), 412);
    });
    report("user: patch", () -> {
      User patched = read(scim.patch(User.class, "/Users", id(anna)).addOperation().op(PatchOp.REPLACE).path("active")
          .valueNode(JsonNodeFactory.instance.booleanNode(false)).next().op(PatchOp.ADD).path("title").value("Guide").next()
          .op(PatchOp.REMOVE).path("nickName").build().sendRequest(), 200);
      require(patched.isActive().equals(Optional.of(false)), "active is " + patched.isActive());
      require(patched.getTitle().equals(Optional.of("Guide")), "title is " + patched.getTitle());
      require(patched.getNickName().isEmpty(), "nickName is still there");
      return patched;
    });
    for (String name : List.of("berta@example.com", "carla@example.com")) {
      created("user: create " + name, "/Users", User.class, () -> user(name));
    }
    report("user: list sorted, one page", () -> {
      var answer = scim.list(User.class, "/Users").startIndex(2).count(1).sortBy("userName").sortOrder(SortOrder.DESCENDING)
          .get().sendRequest();
      ListResponse<User> page = page(answer);
      require(page.getTotalResults() == 3 && page.getStartIndex() == 2 && page.getItemsPerPage() == 1, page.toString());
      require(page.getListedResources().get(0).getUserName().equals(Optional.of("berta@example.com")), page.toString());
      return page;
    });
    report("user: list filtered", () -> {
      var answer = scim.list(User.class, "/Users").filter("userName", Comparator.SW, "CARLA").and("active", Comparator.EQ, true)
          .build().get().sendRequest();
      require(page(answer).getTotalResults() == 1, answer.getResponseBody());
      return answer;
    });
    report("user: search by POST", () -> {
      var answer = scim.list(User.class, "/Users").filter("userName", Comparator.EQ, "berta@example.com").build()
          .attributes("userName").post().sendRequest();
      require(page(answer).getTotalResults() == 1, answer.getResponseBody());
      return answer;
    });
    report("user: list all", () -> {
      var answer = scim.list(User.class, "/Users").get().getAll();
      require(answer.isSuccess() && answer.getResource().getListedResources().size() == 3, answer.getResponseBody());
      return answer;
    });
    report("user: delete", () -> status(scim.delete(User.class, "/Users", id(anna)).sendRequest(), 204));
    report("user: get after delete", () -> refusal(scim.get(User.class, "/Users", id(anna)).sendRequest(), 404, null));
  }

  private static void groups() {
    User dora = created("group: create a member", "/Users", User.class, () -> user("dora@example.com"));
    Group guides = created("group: create", "/Groups", Group.class, () -> Group.builder().displayName("Guides").build());
    report("group: add the member", () -> {
      var member = Member.builder().value(id(dora)).build();
      var answer = scim.patch(Group.class, "/Groups", id(guides)).addOperation().op(PatchOp.ADD).path("members")
          .valueNode(member).build().sendRequest();
      return status(answer, 204);
    });
    report("group: get shows the member", () -> {
      Group found = read(scim.get(Group.class, "/Groups", id(guides)).sendRequest(), 200);
      Member member = found.getMembers().get(0);
      require(member.getValue().equals(Optional.of(id(dora))), member.toString());
      require(member.getRef().orElse("").endsWith("/Users/" + id(dora)), member.toString());
      require(member.getType().equals(Optional.of("User")), member.toString());
      return found;
    });
    report("group: remove the member", () -> {
      var answer = scim.patch(Group.class, "/Groups", id(guides)).addOperation().op(PatchOp.REMOVE)
          .path("members[value eq \"" + id(dora) + "\"]").build().sendRequest();
      status(answer, 204);
      Group found = read(scim.get(Group.class, "/Groups", id(guides)).sendRequest(), 200);
      require(found.getMembers().isEmpty(), found.toString());
      return found;
    });
    report("group: list", () ->
        list(scim.list(Group.class, "/Groups").filter("displayName", Comparator.EQ, "guides").build().get().sendRequest()));
    report("group: delete", () -> status(scim.delete(Group.class, "/Groups", id(guides)).sendRequest(), 204));
  }

  private static void bulk() {
    report("bulk: a group and its member, by bulkId, and one that fails", () -> {
      Group crew = Group.builder().displayName("Crew").members(List.of(Member.builder().value("bulkId:emil").build())).build();
      ServerResponse<BulkResponse> answer = scim.bulk()
          .bulkRequestOperation("/Groups").method(HttpMethod.POST).bulkId("crew").data(crew).next()
          .bulkRequestOperation("/Users").method(HttpMethod.POST).bulkId("emil").data(user("emil@example.com")).next()
          .bulkRequestOperation("/Users/nobody").method(HttpMethod.DELETE).sendRequest();
      BulkResponse job = read(answer, 200);
      BulkResponseOperation emil = job.getByBulkId("emil").orElseThrow();
      require(emil.getStatus() == 201 && emil.getLocation().isPresent(), job.toString());
      require(job.getByBulkId("crew").orElseThrow().getStatus() == 201, job.toString());
      require(job.getFailedOperations().map(BulkResponseOperation::getStatus).toList().equals(List.of(404)), job.toString());
      String id = emil.getLocation().get().replaceAll(".*/", "");
      Group made = list(scim.list(Group.class, "/Groups").filter("displayName eq \"Crew\"").get().sendRequest()).get(0);
      require(made.getMembers().get(0).getValue().equals(Optional.of(id)), made.toString());
      return job;
    });
  }

  private static void errors() {
    report("error: a user without userName", () -> {
      String nobody = "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]}";
      return refusal(scim.create(User.class, "/Users").setResource(nobody).sendRequest(), 400, "invalidValue");
    });
    report("error: a body that is no JSON", () ->
        refusal(scim.create(User.class, "/Users").setResource("{").sendRequest(), 400, "invalidSyntax"));
    report("error: a filter that is none", () ->
        refusal(scim.list(User.class, "/Users").filter("userName eq").get().sendRequest(), 400, "invalidFilter"));
  }

  private static User user(String userName) {
    return User.builder()
        .userName(userName)
        .name(Name.builder().givenName("Anna").familyName("Kessler").build())
        .active(true)
        .emails(List.of(Email.builder().value(userName).type("work").primary(true).build()))
        .enterpriseUser(EnterpriseUser.builder().department("Research").build())
        .build();
  }

  private static <T extends ResourceNode> T created(
      String name, String endpoint, Class<T> type, Supplier<T> resource) {
    return report(name, () -> {
      T answer = read(scim.create(type, endpoint).setResource(resource.get()).sendRequest(), 201);
      require(answer.getId().isPresent(), "the id is missing");
      return answer;
    });
  }

  /** The resource of an answer that the client takes for SCIM. */
  private static <T extends ScimObjectNode> T read(ServerResponse<T> answer, int status) {
    status(answer, status);
    require(answer.isValidScimResponse(), "not a SCIM answer: " + answer.getHttpHeaders());
    return answer.getResource();
  }

  private static <T extends ResourceNode> ListResponse<T> page(
      ServerResponse<ListResponse<T>> answer) {
    return read(answer, 200);
  }

  private static <T extends ResourceNode> List<T> list(
      ServerResponse<ListResponse<T>> answer) {
    List<T> resources = page(answer).getListedResources();
    require(!resources.isEmpty(), "the list is empty");
    return new ArrayList<>(resources);
  }

  private static <T extends ScimObjectNode> ServerResponse<T> status(ServerResponse<T> answer, int status) {
    require(answer.getHttpStatus() == status, "status " + answer.getHttpStatus() + ": " + answer.getResponseBody());
    return answer;
  }

  private static ScimObjectNode refusal(ServerResponse<? extends ScimObjectNode> answer, int status, String scimType) {
    status(answer, status);
    var error = answer.getErrorResponse();
    require(error != null, "not a SCIM error: " + answer.getResponseBody());
    onlyMembers(error, ERROR_MEMBERS);
    require(error.getStatus() == status, "status in the body: " + error.getStatus());
    require(Optional.ofNullable(scimType).equals(error.getScimType()), "scimType is " + error.getScimType());
    require(error.getDetail().isPresent(), "there is no detail");
    return error;
  }

  private static void onlyMembers(ScimObjectNode node, Set<String> allowed) {
    Set<String> others = new TreeSet<>();
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!allowed.contains(name)) others.add(name);
    }
    require(others.isEmpty(), "unknown members: " + others);
  }

  private static String id(ResourceNode resource) {
    require(resource != null, "the resource was not created");
    return resource.getId().orElseThrow();
  }

  private static String version(User user) {
    return user.getMeta().flatMap(meta -> meta.getVersion()).orElseThrow().getEntityTag();
  }

  private static void require(boolean condition, String reason) {
    if (!condition) throw new AssertionError(reason);
  }

  private static <T> T report(String name, Callable<T> body) {
    var result = JsonNodeFactory.instance.objectNode().put("name", name);
    try {
      T value = body.call();
      System.out.println(result.put("outcome", "passed").put("reason", ""));
      return value;
    } catch (Exception | AssertionError problem) {
      System.out.println(result.put("outcome", "failed").put("reason", problem.toString()));
      return null;
    }
  }
}
