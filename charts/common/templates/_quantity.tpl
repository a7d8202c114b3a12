{{/* A quantity of Kubernetes as a number: "1500m" is 1.5, "1Ki" is 1024. */}}
{{- define "common.amount" -}}
{{- $text := include "common.text" . -}}
{{- $unit := regexFind "[a-zA-Z]*$" $text -}}
{{- $factors := dict "" 1.0 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- mulf (trimSuffix $unit $text | float64) (get $factors $unit) -}}
{{- end -}}

{{/* "yes" if the first of two quantities is more than the second, else nothing. */}}
{{- define "common.isAbove" -}}
{{- if gt (include "common.amount" (first .) | float64) (include "common.amount" (last .) | float64) -}}yes{{- end -}}
{{- end -}}

{{/* Requests within limits: owner and field for the sentence, resources. */}}
{{- define "common.checkResources" -}}
{{- range $kind := list "cpu" "memory" "ephemeral-storage" -}}
{{- $asked := index $.resources.requests $kind -}}
{{- $allowed := index $.resources.limits $kind -}}
{{- if include "common.isAbove" (list $asked $allowed) -}}
{{- fail (printf "%s: %s.requests.%s (%v) is above %s.limits.%s (%v): ask for less, or allow more." $.owner $.field $kind $asked $.field $kind $allowed) -}}
{{- end -}}
{{- end -}}
{{- end -}}
