{{/*
One server with a volume, and its Service: for the bundled Postgres and NATS of an evaluation.
Beside what _workload.tpl says:

  user        whom it runs as
  port        name and number of its port
  args        of the container
  rawEnv      variables as a map
  probes      startupProbe, livenessProbe, readinessProbe as Kubernetes has them
  dataPath    where the volume is mounted
  storage     size, className, keep
*/}}
{{- define "common.statefulset" -}}
{{- $values := .values -}}
{{- include "common.checkResources" (dict "owner" .suffix "field" "resources" "resources" $values.resources) -}}
{{- $mounts := concat (list (dict "name" "tmp" "path" "/tmp" "volume" (dict "emptyDir" (dict "sizeLimit" "64Mi")))) (.mounts | default list) -}}
apiVersion: apps/v1
kind: StatefulSet
{{ include "common.metadata" . }}
spec:
  replicas: 1
  serviceName: {{ include "common.name" . }}
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: {{ ternary "Retain" "Delete" .storage.keep }}
    whenScaled: Retain
  template:
    metadata:
      labels:
        {{- include "common.labels" . | nindent 8 }}
      {{- with .podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "common.name" . }}
      {{- include "common.podDefaults" . | nindent 6 }}
      {{- include "common.pullSecrets" . | nindent 6 }}
      {{- include "common.scheduling" . | nindent 6 }}
      terminationGracePeriodSeconds: 60
      securityContext:
        {{- include "common.podSecurity" . | nindent 8 }}
      containers:
        - name: {{ .component }}
          image: {{ $values.image }}
          imagePullPolicy: {{ .root.Values.global.image.pullPolicy }}
          securityContext:
            {{- include "common.containerSecurity" . | nindent 12 }}
          {{- with .args }}
          args:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .rawEnv }}
          env:
            {{- range $name, $value := . }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          {{- end }}
          ports:
            - name: {{ .port.name }}
              containerPort: {{ .port.number }}
          {{- toYaml .probes | nindent 10 }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - name: data
              mountPath: {{ .dataPath }}
            {{- range $mounts }}
            - name: {{ .name }}
              mountPath: {{ .path }}
              {{- if not .volume.emptyDir }}
              readOnly: true
              {{- end }}
            {{- end }}
      volumes:
        {{- range $mounts }}
        - name: {{ .name }}
          {{- toYaml .volume | nindent 10 }}
        {{- end }}
  volumeClaimTemplates:
    - metadata:
        name: data
        labels:
          {{- include "common.selector" . | nindent 10 }}
      spec:
        accessModes:
          - ReadWriteOnce
        {{- with .storage.className }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ .storage.size }}
---
apiVersion: v1
kind: Service
{{ include "common.metadata" . }}
spec:
  # Not headless: its name resolves before the server is ready, so who waits need not wait for DNS.
  selector:
    {{- include "common.selector" . | nindent 4 }}
  ports:
    - name: {{ .port.name }}
      port: {{ .port.number }}
      targetPort: {{ .port.name }}
---
{{ include "common.serviceAccount" . }}
---
{{ include "common.disruptionBudget" . }}
{{- with include "common.networkPolicy" . | trim }}
---
{{ . }}
{{- end }}
{{- end -}}
