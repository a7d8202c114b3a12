{{/* What an earlier revision put into a Secret, base64, or nothing: only a cluster can tell. */}}
{{- define "fairlead.kept" -}}
{{- $secret := lookup "v1" "Secret" .root.Release.Namespace .name | default dict -}}
{{- index ($secret.data | default dict) .key | default "" -}}
{{- end -}}

{{/* Data outlives the release only together with the secrets that open it. */}}
{{- define "fairlead.keepAnnotation" -}}
{{- if .Values.keepData }}
  annotations:
    helm.sh/resource-policy: keep
{{- end }}
{{- end -}}
