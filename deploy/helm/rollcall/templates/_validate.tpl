{{/*
Collects everything that is wrong with the values and fails once, by name; what a schema can not say about several keys at a time.
*/}}
{{- define "rollcall.validate" -}}
{{- $faults := list -}}
{{- $values := .Values -}}
{{- $inFile := ne $values.settingsFile.existingSecret "" -}}
{{- if not $values.publicUrl -}}
{{- $faults = append $faults "publicUrl is required, e.g. https://scim.example.com" -}}
{{- end -}}
{{- if not $values.image.repository -}}
{{- $faults = append $faults "image.repository is required: where you pushed the image of deploy/docker/Dockerfile" -}}
{{- end -}}
{{- if and (not $values.database.existingSecret) (not $values.database.url) (not $inFile) -}}
{{- $faults = append $faults "database.existingSecret is required (for development only: database.url)" -}}
{{- end -}}
{{- if and (not $values.masterKey.existingSecret) (not $values.masterKey.value) (not $inFile) -}}
{{- $faults = append $faults "masterKey.existingSecret is required (for development only: masterKey.value)" -}}
{{- end -}}
{{- if and $values.masterKey.value (not $values.masterKey.existingSecret) -}}
{{- if ne (len (b64dec $values.masterKey.value)) 32 -}}
{{- $faults = append $faults "masterKey.value must be the base64 of 32 bytes" -}}
{{- end -}}
{{- end -}}
{{- if and $values.auth.enabled (not $values.adminToken.existingSecret) (not $values.adminToken.value) (not $inFile) -}}
{{- $faults = append $faults "adminToken.existingSecret is required while auth is enabled (for development only: adminToken.value)" -}}
{{- end -}}
{{- if and (eq $values.eventLog "kurrentdb") (not $values.kurrentdb.existingSecret) (not $values.kurrentdb.url) (not $inFile) -}}
{{- $faults = append $faults "kurrentdb.existingSecret is required with eventLog kurrentdb (for development only: kurrentdb.url)" -}}
{{- end -}}
{{- if and $values.publisher.enabled (not $values.kafka.brokers) -}}
{{- $faults = append $faults "kafka.brokers needs at least one host:port while the publisher is enabled" -}}
{{- end -}}
{{- with $values.kafka.sasl -}}
{{- if and $values.publisher.enabled .mechanism (not .existingSecret) (not (and .username .password)) (not $inFile) -}}
{{- $faults = append $faults "kafka.sasl.existingSecret is required with kafka.sasl.mechanism (for development only: kafka.sasl.username and kafka.sasl.password)" -}}
{{- end -}}
{{- end -}}
{{- if lt (int64 $values.groupBodyLimit) (int64 $values.bodyLimit) -}}
{{- $faults = append $faults "groupBodyLimit must not be smaller than bodyLimit" -}}
{{- end -}}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) -}}
{{- $faults = append $faults "httpRoute.parentRefs needs at least one gateway while httpRoute is enabled" -}}
{{- end -}}
{{- if and $values.ingress.enabled $values.httpRoute.enabled -}}
{{- $faults = append $faults "ingress and httpRoute must not be enabled both: choose one" -}}
{{- end -}}
{{- if and (or $values.ingress.enabled $values.httpRoute.enabled) (not (and $values.auth.enabled $values.scimApi.enabled)) -}}
{{- $faults = append $faults "auth and scimApi must be enabled where ingress or httpRoute routes to them" -}}
{{- end -}}
{{- if lt (int $values.pod.terminationGracePeriodSeconds) (add (int $values.pod.preStopSleepSeconds) 15 | int) -}}
{{- $faults = append $faults "pod.terminationGracePeriodSeconds must exceed pod.preStopSleepSeconds by 15 or more" -}}
{{- end -}}
{{- range $name := list "auth" "scimApi" "projector" "publisher" -}}
{{- with (index $values $name).autoscaling -}}
{{- if gt (int .minReplicas) (int .maxReplicas) -}}
{{- $faults = append $faults (printf "%s.autoscaling.minReplicas must not exceed maxReplicas" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $faults -}}
{{- fail (printf "\n\nThe values of rollcall can not be used:\n  - %s\n" (join "\n  - " $faults)) -}}
{{- end -}}
{{- end -}}
