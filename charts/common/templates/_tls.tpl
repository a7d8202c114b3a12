{{/* Where the certificate of a workload is: given for it, given for all, or issued here. */}}
{{- define "common.tlsSecret" -}}
{{- $tls := .root.Values.global.tls -}}
{{- (.values.tls | default dict).secretName | default $tls.secretName | default (printf "%s-tls" (include "common.name" .)) -}}
{{- end -}}

{{/* Asked of cert-manager for each workload that has no certificate of its own. */}}
{{- define "common.certificate" -}}
{{- $tls := .root.Values.global.tls -}}
{{- $issuer := $tls.certManager.issuerName -}}
{{- if and $tls.enabled $issuer (not .isAlone) (not ((.values.tls | default dict).secretName)) }}
{{- $name := include "common.name" . -}}
apiVersion: cert-manager.io/v1
kind: Certificate
{{ include "common.metadata" . }}
spec:
  secretName: {{ $name }}-tls
  commonName: {{ .component }}
  dnsNames:
    - {{ $name }}
    - {{ $name }}.{{ .root.Release.Namespace }}
    - {{ $name }}.{{ .root.Release.Namespace }}.svc
    # What clients check: workers are called by an address, which no certificate can name.
    - {{ .component }}.fairlead.internal
  usages:
    - digital signature
    - key encipherment
    - server auth
    - client auth
  duration: {{ $tls.certManager.duration }}
  renewBefore: {{ $tls.certManager.renewBefore }}
  privateKey:
    algorithm: ECDSA
    size: 256
    rotationPolicy: Always
  issuerRef:
    group: cert-manager.io
    kind: {{ $tls.certManager.issuerKind }}
    name: {{ $issuer }}
{{- end }}
{{- end -}}
