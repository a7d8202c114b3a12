{{/*
All objects of one stateless workload. A chart calls it with

  root        its own scope
  component   gateway, router, …
  suffix      of the objects' names: the component, for an adapter with its pool
  pool        of an adapter
  values      replicas, autoscaling, resources, scheduling: see "workload" in values.defs.json
  http        the port of a public HTTP API, none if left out
  grpc        whether it serves gRPC on 50051
  ops         whether it serves probes and metrics on 9090; without it httpProbes (live, ready) are asked on http
  headless    whether its Service has no address of its own
  streams     the gauge of open streams, for autoscaling.metric: streams
  env         plain variables, a map
  secretFiles variables given as NAME_FILE: list of env, secret, key
  mounts      volumes beside: list of name, path, volume
  ingress     who may connect: list of port, from
  egress      where it may connect: list of port, to
*/}}
{{- define "common.workload" -}}
{{- $objects := list
  (include "common.serviceAccount" .)
  (include "common.deployment" .)
  (include "common.service" .)
  (include "common.opsService" .)
  (include "common.autoscaler" .)
  (include "common.disruptionBudget" .)
  (include "common.networkPolicy" .)
  (include "common.serviceMonitor" .)
  (include "common.certificate" .) -}}
{{- range $objects }}
{{- with trim . }}
---
{{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A description in YAML, joined with the scope of its chart. */}}
{{- define "common.fromDescription" -}}
{{- $workload := .description | fromYaml -}}
{{- if $workload.Error -}}
{{- fail (printf "The description of a workload is not YAML: %s" $workload.Error) -}}
{{- end -}}
{{- include "common.workload" (merge (dict "root" .root) $workload) -}}
{{- end -}}
