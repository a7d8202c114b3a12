{{/*
A Job of the ledger's image that works on the database and ends: root, component, tail of the name,
entry (a file of the image), env, secretFiles, annotations, ttlSeconds (how long it stays after its
end, for ever if left out). It retries while Postgres is not there.
*/}}
{{- define "ledger.job" -}}
{{- $resources := .root.Values.jobResources -}}
{{- include "common.checkResources" (dict "owner" .component "field" "jobResources" "resources" $resources) -}}
{{- $database := include "ledger.database" .root | fromYaml -}}
{{- $workload := dict
  "root" .root
  "component" .component
  "suffix" .component
  "tail" .tail
  "values" (dict)
  "isAlone" true
  "env" (merge (dict "LOG_LEVEL" .root.Values.global.logLevel) (.env | default dict) ($database.env | default dict))
  "secretFiles" (concat $database.secretFiles (.secretFiles | default list))
  "mounts" ($database.mounts | default list) -}}
{{- $environment := include "common.environment" $workload | fromYaml -}}
apiVersion: batch/v1
kind: Job
{{ include "common.metadata" $workload }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  backoffLimit: 6
  activeDeadlineSeconds: 600
  {{- with .ttlSeconds }}
  ttlSecondsAfterFinished: {{ . }}
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "common.labels" $workload | nindent 8 }}
    spec:
      restartPolicy: OnFailure
      {{- include "common.podDefaults" $workload | nindent 6 }}
      {{- include "common.pullSecrets" $workload | nindent 6 }}
      {{- include "common.scheduling" (merge (dict "values" .root.Values) $workload) | nindent 6 }}
      securityContext:
        {{- include "common.podSecurity" $workload | nindent 8 }}
      containers:
        - name: {{ .component }}
          image: {{ include "common.image" (dict "root" .root "image" .root.Values.image) }}
          imagePullPolicy: {{ .root.Values.global.image.pullPolicy }}
          command: ["node", {{ .entry | quote }}]
          securityContext:
            {{- include "common.containerSecurity" $workload | nindent 12 }}
          env:
            {{- toYaml $environment.env | nindent 12 }}
          resources:
            {{- toYaml $resources | nindent 12 }}
          volumeMounts:
            {{- toYaml $environment.volumeMounts | nindent 12 }}
      volumes:
        {{- toYaml $environment.volumes | nindent 8 }}
{{- end -}}
