{{/* Faults of a pool that the schema cannot see; each would leave workers that are never ready. */}}
{{- define "adapter.checkPool" -}}
{{- $pool := .pool -}}
{{- $names := list -}}
{{- range $pool.credentials -}}
{{- $names = append $names .env -}}
{{- end -}}
{{- if ne (len $names) (len (uniq $names)) -}}
{{- fail (printf "adapter.pools: pool %q names one variable twice in its credentials: %s." $pool.name (join ", " $names)) -}}
{{- end -}}
{{- range $field, $variables := dict "env" (keys ($pool.env | default dict)) "credentials" $names -}}
{{- range $name := $variables -}}
{{- if regexMatch "^(ADAPTER_|ADVERTISED_|DRAIN_|FAIRLEAD_|GRPC_|LOG_LEVEL|NATS_|OPS_|OTEL_|TRACE_)" $name -}}
{{- fail (printf "adapter.pools: pool %q names %s in %s, which is the chart's to set: leave it out, or use a value or one of the settings for it." $pool.name $name $field) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := $pool.env -}}
{{- if has $name $names -}}
{{- fail (printf "adapter.pools: pool %q has %s both in env and in credentials: keep it in credentials." $pool.name $name) -}}
{{- end -}}
{{- if regexMatch "(_KEY|_TOKEN)$|SECRET|PASSWORD" $name -}}
{{- fail (printf "adapter.pools: pool %q has %s in env, where everybody reads it: put it into a Secret, and name that in credentials." $pool.name $name) -}}
{{- end -}}
{{- end -}}
{{- $isSimulated := true -}}
{{- range $pool.providers -}}
{{- if not (hasPrefix "simulated-" .) -}}
{{- $isSimulated = false -}}
{{- end -}}
{{- end -}}
{{- if and $isSimulated (not .root.Values.global.simulator.enabled) -}}
{{- fail (printf "adapter.pools: pool %q has only simulated providers, but global.simulator.enabled is false: name real providers in adapter.pools, or enable the simulator." $pool.name) -}}
{{- end -}}
{{- end -}}
