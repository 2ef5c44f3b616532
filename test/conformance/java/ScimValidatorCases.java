import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs scim-validator, which takes its target from SCIM_BASE_URL and SCIM_AUTH_TOKEN; prints one JSON object a case. */
public class ScimValidatorCases {

  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) {
    PrintStream out = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream())); // it prints every request and answer
    var all = LauncherDiscoveryRequestBuilder.request()
        .selectors(DiscoverySelectors.selectClass("de.palsoftware.scim.validator.ScimValidatorSuite"))
        .build();
    LauncherFactory.create().execute(all, new TestExecutionListener() {
      @Override
      public void executionSkipped(TestIdentifier test, String reason) {
        if (test.isTest()) out.println(result(test, "skipped", reason));
      }

      @Override
      public void executionFinished(TestIdentifier test, TestExecutionResult ended) {
        boolean passed = ended.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
        // Containers that fail have not run their cases: that must be seen as well.
        if (test.isTest() || !passed)
          out.println(result(test, passed ? "passed" : "failed", ended.getThrowable().map(Throwable::toString).orElse("")));
      }
    });
    System.exit(0); // its HTTP client leaves threads behind
  }

  private static ObjectNode result(TestIdentifier test, String outcome, String reason) {
    return JSON.createObjectNode().put("name", test.getDisplayName()).put("outcome", outcome).put("reason", reason);
  }
}
