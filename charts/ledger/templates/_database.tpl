{{/* What every process of the ledger needs to reach Postgres, as parts of a workload. */}}
{{- define "ledger.database" -}}
{{- $postgres := .Values.global.postgres -}}
{{- if $postgres.tls.secretName }}
env:
  DATABASE_TLS_CA: /etc/fairlead/database-tls/{{ $postgres.tls.key }}
{{- end }}
secretFiles:
  - env: DATABASE_URL
    {{- if $postgres.bundled }}
    secret: {{ .Release.Name }}-postgres
    key: url
    {{- else }}
    secret: {{ $postgres.urlSecret.name }}
    key: {{ $postgres.urlSecret.key }}
    {{- end }}
mounts:
  {{- with $postgres.tls.secretName }}
  - name: database-tls
    path: /etc/fairlead/database-tls
    volume:
      secret:
        secretName: {{ . }}
        defaultMode: 0440
  {{- end }}
{{- end -}}

{{- define "ledger.databaseEdge" -}}
{{- $postgres := .Values.global.postgres -}}
{{- if $postgres.bundled -}}
port: 5432
to:
  - {{ include "common.peer" (dict "root" . "component" "postgres") }}
{{- else -}}
port: {{ $postgres.port }}
to:
  {{- toYaml $postgres.peers | nindent 2 }}
{{- end -}}
{{- end -}}

{{- define "ledger.pepper" -}}
env: KEY_PEPPER
secret: {{ .Values.global.keyPepper.secretName | default (printf "%s-keys" .Release.Name) }}
key: {{ .Values.global.keyPepper.key }}
{{- end -}}
