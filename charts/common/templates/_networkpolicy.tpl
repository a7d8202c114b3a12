{{/*
Denies both ways all that is not named. The edges are those of the picture in ARCHITECTURE.md;
beside them DNS, the scraper of metrics and the receiver of traces.
*/}}
{{- define "common.networkPolicy" -}}
{{- $global := .root.Values.global -}}
{{- if $global.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
{{ include "common.metadata" . }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  policyTypes:
    - Ingress
    - Egress
  ingress:
    {{- include "common.ingressRules" . | nindent 4 }}
  egress:
    {{- include "common.egressRules" . | nindent 4 }}
{{- end }}
{{- end -}}

{{- define "common.ingressRules" -}}
{{- $scrapers := .root.Values.global.networkPolicy.scrapers -}}
{{- $rules := .ingress | default list -}}
{{- if and .ops $scrapers -}}
{{- $rules = append $rules (dict "port" 9090 "from" $scrapers) -}}
{{- end -}}
{{- range $rules }}
- ports:
    - port: {{ .port }}
      protocol: TCP
  {{- with .from }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- else }}
[]
{{- end }}
{{- end -}}

{{- define "common.egressRules" -}}
{{- $global := .root.Values.global -}}
{{- if .isClosed }}
[]
{{- else }}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  to:
    {{- toYaml $global.networkPolicy.dns | nindent 4 }}
{{- $rules := .egress | default list }}
{{- if not .isAlone }}
{{- $rules = append $rules (include "common.natsEdge" . | fromYaml) }}
{{- with $global.otlp.endpoint }}
{{- $host := (urlParse .).host }}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $host) | default (ternary "443" "80" (hasPrefix "https:" .)) }}
{{- $rules = append $rules (dict "port" (int $port) "to" $global.otlp.peers) }}
{{- end }}
{{- end }}
{{- range $rules }}
- ports:
    {{- range .ports | default (list .port) }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
  to:
    {{- toYaml .to | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Bundled: its pods. The operator's own: where the values say it is. */}}
{{- define "common.natsEdge" -}}
{{- $nats := .root.Values.global.nats -}}
{{- if $nats.bundled -}}
port: 4222
to:
  - {{ include "common.peer" (dict "root" .root "component" "nats") }}
{{- else -}}
ports: {{ include "common.natsPorts" $nats }}
to:
  {{- toYaml $nats.peers | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* As a JSON list: those of the URL, or the one given for a URL that only a Secret holds. */}}
{{- define "common.natsPorts" -}}
{{- $ports := list -}}
{{- range splitList "," .url -}}
{{- if . -}}
{{- $ports = append $ports (regexFind "[0-9]+$" (regexFind ":[0-9]+$" (trimSuffix "/" .)) | default "4222" | int) -}}
{{- end -}}
{{- end -}}
{{- $ports | default (list (int .port)) | uniq | toJson -}}
{{- end -}}

{{/* The pods of one component of this release, in one line. */}}
{{- define "common.peer" -}}
{podSelector: {matchLabels: {app.kubernetes.io/instance: {{ .root.Release.Name }}, app.kubernetes.io/component: {{ .component }}}}}
{{- end -}}
