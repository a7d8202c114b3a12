{{/* Variables and mounts that follow from the global values, as YAML of env, secretFiles, mounts. */}}
{{- define "common.surroundings" -}}
{{- $global := .root.Values.global -}}
env:
  LOG_LEVEL: {{ $global.logLevel }}
  DRAIN_DELAY_MS: {{ mul 1000 (include "common.drainDelay" . | int) | quote }}
  DRAIN_TIMEOUT_MS: {{ mul 1000 (int $global.drain.seconds) | quote }}
  NATS_REPLICAS: {{ $global.nats.replicas | quote }}
  {{- if $global.nats.bundled }}
  NATS_URL: nats://{{ .root.Release.Name }}-nats:4222
  {{- else if $global.nats.url }}
  NATS_URL: {{ $global.nats.url }}
  {{- end }}
  {{- with $global.nats.tls }}
  {{- if .secretName }}
  NATS_TLS_CA: /etc/fairlead/nats-tls/ca.crt
  {{- if .clientCertificate }}
  NATS_TLS_CERT: /etc/fairlead/nats-tls/tls.crt
  NATS_TLS_KEY: /etc/fairlead/nats-tls/tls.key
  {{- end }}
  {{- end }}
  {{- end }}
  {{- with $global.otlp.endpoint }}
  OTEL_EXPORTER_OTLP_ENDPOINT: {{ . }}
  {{- end }}
  TRACE_SAMPLE_RATIO: {{ $global.otlp.sampleRatio | quote }}
  {{- if $global.tls.enabled }}
  GRPC_TLS_CERT: /etc/fairlead/tls/tls.crt
  GRPC_TLS_KEY: /etc/fairlead/tls/tls.key
  GRPC_TLS_CA: /etc/fairlead/tls/ca.crt
  {{- end }}
secretFiles:
  {{- with $global.nats.urlSecret }}
  {{- if .name }}
  - env: NATS_URL
    secret: {{ .name }}
    key: {{ .key }}
  {{- end }}
  {{- end }}
mounts:
  - name: tmp
    path: /tmp
    volume:
      emptyDir:
        sizeLimit: 64Mi
  {{- if $global.tls.enabled }}
  - name: tls
    path: /etc/fairlead/tls
    volume:
      secret:
        secretName: {{ include "common.tlsSecret" . }}
        defaultMode: 0440
  {{- end }}
  {{- with $global.nats.tls.secretName }}
  - name: nats-tls
    path: /etc/fairlead/nats-tls
    volume:
      secret:
        secretName: {{ . }}
        defaultMode: 0440
  {{- end }}
{{- end -}}

{{/*
The container's env, volumeMounts and the pod's volumes of a workload. Secrets are files under
/etc/fairlead/secrets, named after their variable; the environment holds paths only.
*/}}
{{- define "common.environment" -}}
{{- $around := dict "env" dict "secretFiles" list "mounts" (list (dict "name" "tmp" "path" "/tmp" "volume" (dict "emptyDir" (dict "sizeLimit" "64Mi")))) -}}
{{- if not .isAlone -}}
{{- $around = include "common.surroundings" . | fromYaml -}}
{{- end -}}
{{- $files := concat ($around.secretFiles | default list) (.secretFiles | default list) -}}
{{- $env := merge (dict) (.values.settings | default dict) (.env | default dict) ($around.env | default dict) -}}
{{- range $files -}}
{{- $env = set $env (printf "%s_FILE" .env) (printf "/etc/fairlead/secrets/%s" .env) -}}
{{- end -}}
{{- $mounts := concat ($around.mounts | default list) (.mounts | default list) -}}
env:
{{- range $name, $value := $env }}
  - name: {{ $name }}
    value: {{ include "common.text" $value | quote }}
{{- end }}
volumeMounts:
{{- range $mounts }}
  - name: {{ .name }}
    mountPath: {{ .path }}
    {{- if not (or .volume.emptyDir .isWritable) }}
    readOnly: true
    {{- end }}
{{- end }}
{{- if $files }}
  - name: secrets
    mountPath: /etc/fairlead/secrets
    readOnly: true
{{- end }}
volumes:
{{- range $mounts }}
  - name: {{ .name }}
    {{- toYaml .volume | nindent 4 }}
{{- end }}
{{- if $files }}
  - name: secrets
    projected:
      defaultMode: 0440
      sources:
        {{- range $files }}
        - secret:
            name: {{ .secret }}
            items:
              - key: {{ .key }}
                path: {{ .env }}
        {{- end }}
{{- end }}
{{- end -}}

{{/* A setting as text; whole numbers never as 1e+06, which is how YAML's come in. */}}
{{- define "common.text" -}}
{{- if and (kindIs "float64" .) (eq (float64 (int64 .)) .) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}
