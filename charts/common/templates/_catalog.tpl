{{/* The operator's catalog files as routers and adapters see them, joined by the path delimiter. */}}
{{- define "common.catalogPaths" -}}
{{- $names := list -}}
{{- if .Values.global.simulator.enabled -}}
{{- $names = append $names "simulated.yaml" -}}
{{- end -}}
{{- $names = concat $names (keys .Values.global.catalog.files | sortAlpha) -}}
{{- range .Values.global.catalog.configMaps -}}
{{- $names = append $names .key -}}
{{- end -}}
{{- if ne (len $names) (len (uniq $names)) -}}
{{- fail (printf "Two catalog files have one name (%s): give each file of global.catalog a name of its own." (join ", " $names)) -}}
{{- end -}}
{{- $paths := list -}}
{{- range $names -}}
{{- $paths = append $paths (printf "/etc/fairlead/catalog/%s" .) -}}
{{- end -}}
{{- join ":" $paths -}}
{{- end -}}

{{/* Mounted as a folder: an edit of a ConfigMap takes effect without a restart. */}}
{{- define "common.catalogMount" -}}
- name: catalog
  path: /etc/fairlead/catalog
  volume:
    projected:
      sources:
        - configMap:
            name: {{ .Release.Name }}-catalog
        {{- range .Values.global.catalog.configMaps }}
        - configMap:
            name: {{ .name }}
            items:
              - key: {{ .key }}
                path: {{ .key }}
        {{- end }}
{{- end -}}
