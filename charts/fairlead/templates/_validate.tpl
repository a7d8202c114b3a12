{{/*
What a schema cannot say: values that contradict each other, and, where a cluster answers, Secrets
that are not there. One sentence each, with the value to change.
*/}}
{{- define "fairlead.validate" -}}
{{- $global := .Values.global -}}
{{- $isPoliced := $global.networkPolicy.enabled -}}
{{- if not $global.postgres.bundled -}}
{{- if not $global.postgres.urlSecret.name -}}
{{- fail "global.postgres.bundled is false: set global.postgres.urlSecret.name to the Secret that holds the URL of your Postgres (postgres://user:password@host:5432/database)." -}}
{{- end -}}
{{- if and $isPoliced (not $global.postgres.peers) -}}
{{- fail "global.postgres.bundled is false: set global.postgres.peers to where your Postgres is (an ipBlock or a namespaceSelector), so that the network policies let the ledger reach it, or set global.networkPolicy.enabled to false." -}}
{{- end -}}
{{- else if $global.postgres.urlSecret.name -}}
{{- fail "global.postgres.urlSecret names a Postgres of your own: set global.postgres.bundled to false, or leave the Secret out." -}}
{{- end -}}
{{- $hasNatsUrl := or $global.nats.url $global.nats.urlSecret.name -}}
{{- if not $global.nats.bundled -}}
{{- if not $hasNatsUrl -}}
{{- fail "global.nats.bundled is false: set global.nats.url, or global.nats.urlSecret.name to the Secret that holds it." -}}
{{- end -}}
{{- if and $global.nats.url $global.nats.urlSecret.name -}}
{{- fail "global.nats.url and global.nats.urlSecret.name are both set: keep one." -}}
{{- end -}}
{{- $ports := include "common.natsPorts" $global.nats -}}
{{- if and $global.nats.url (ne (int $global.nats.port) 4222) (not (has (float64 $global.nats.port) (fromJsonArray $ports))) -}}
{{- fail (printf "global.nats.port is %d, but global.nats.url has %s: leave the port out, it is read from the URL." (int $global.nats.port) (trimAll "[]" $ports)) -}}
{{- end -}}
{{- if and $isPoliced (not $global.nats.peers) -}}
{{- fail "global.nats.bundled is false: set global.nats.peers to where your NATS is (an ipBlock or a namespaceSelector), so that the network policies let the services reach it, or set global.networkPolicy.enabled to false." -}}
{{- end -}}
{{- else -}}
{{- if $hasNatsUrl -}}
{{- fail "global.nats names a NATS of your own: set global.nats.bundled to false, or leave its url out." -}}
{{- end -}}
{{- if gt (int $global.nats.replicas) 1 -}}
{{- fail "global.nats.replicas is above 1, but the bundled NATS is one server: use a cluster of your own, or 1." -}}
{{- end -}}
{{- end -}}
{{- /* To NATS a GB is 1024 to the third. */ -}}
{{- if and $global.nats.bundled (include "common.isAbove" (list (.Values.nats.fileStore | replace "B" "i") .Values.nats.storage.size)) -}}
{{- fail (printf "nats.fileStore (%s) is above nats.storage.size (%v): the volume must hold all streams." .Values.nats.fileStore .Values.nats.storage.size) -}}
{{- end -}}
{{- /* JetStream asks for twice a stream's bytes where a service makes sure of it. Whoever comes before the ledger makes it with 4 GiB. */ -}}
{{- $streamBytes := index .Values.ledger.settings "USAGE_STREAM_MAX_BYTES" | default 4294967296 -}}
{{- $storeBytes := max 4294967296 (mul 2 (int64 $streamBytes)) -}}
{{- if and $global.nats.bundled (include "common.isAbove" (list $storeBytes (.Values.nats.fileStore | replace "B" "i"))) -}}
{{- fail (printf "nats.fileStore (%s) has no room for the stream of bills: USAGE_STREAM_MAX_BYTES (%s) twice, and 4GB at least. Raise it, and nats.storage.size with it." .Values.nats.fileStore (include "common.text" $streamBytes)) -}}
{{- end -}}
{{- include "common.checkResources" (dict "owner" "test" "field" "test.resources" "resources" .Values.test.resources) -}}
{{- include "fairlead.validateTls" . -}}
{{- if and .Values.ingress.tlsSecretName (not .Values.ingress.host) -}}
{{- fail "ingress.tlsSecretName needs ingress.host: the name that the certificate is for." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled needs httpRoute.parentRefs: the Gateway that the route belongs to." -}}
{{- end -}}
{{- include "fairlead.validateSecrets" . -}}
{{- end -}}

{{- define "fairlead.validateTls" -}}
{{- $tls := .Values.global.tls -}}
{{- $hasIssuer := ne $tls.certManager.issuerName "" -}}
{{- $hasSecret := ne $tls.secretName "" -}}
{{- if and $hasIssuer $hasSecret -}}
{{- fail "global.tls.secretName and global.tls.certManager.issuerName are both set: keep one." -}}
{{- end -}}
{{- if and $tls.enabled (not $hasIssuer) (not $hasSecret) -}}
{{- range list "gateway" "router" "adapter" "ledger" "prober" -}}
{{- if not (index $.Values .).tls.secretName -}}
{{- fail (printf "global.tls.enabled needs certificates, and %s has none: set global.tls.certManager.issuerName, global.tls.secretName or %s.tls.secretName." . .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Each Secret and ConfigMap that the values name, with the keys that are read from it. */}}
{{- define "fairlead.validateSecrets" -}}
{{- $global := .Values.global -}}
{{- /* Every namespace has this; without a cluster to ask (helm template) nothing has. */ -}}
{{- if lookup "v1" "ConfigMap" .Release.Namespace "kube-root-ca.crt" -}}
{{- $certificate := list "tls.crt" "tls.key" "ca.crt" -}}
{{- $wanted := list
  (list "global.postgres.urlSecret" $global.postgres.urlSecret.name (list $global.postgres.urlSecret.key))
  (list "global.postgres.tls" $global.postgres.tls.secretName (list $global.postgres.tls.key))
  (list "global.nats.urlSecret" $global.nats.urlSecret.name (list $global.nats.urlSecret.key))
  (list "global.nats.tls" $global.nats.tls.secretName (ternary $certificate (list "ca.crt") $global.nats.tls.clientCertificate))
  (list "global.keyPepper" $global.keyPepper.secretName (list $global.keyPepper.key))
  (list "global.tls" $global.tls.secretName $certificate)
  (list "ledger.firstKey" .Values.ledger.firstKey.secretName (list .Values.ledger.firstKey.key)) -}}
{{- range $global.image.pullSecrets -}}
{{- $wanted = append $wanted (list "global.image.pullSecrets" . list) -}}
{{- end -}}
{{- if $global.tls.enabled -}}
{{- range list "gateway" "router" "adapter" "ledger" "prober" -}}
{{- $wanted = append $wanted (list (printf "%s.tls" .) (index $.Values .).tls.secretName $certificate) -}}
{{- end -}}
{{- end -}}
{{- range $pool := .Values.adapter.pools -}}
{{- if $global.tls.enabled -}}
{{- $wanted = append $wanted (list (printf "adapter.pools, pool %q, tls" $pool.name) ($pool.tls | default dict).secretName $certificate) -}}
{{- end -}}
{{- range $pool.credentials -}}
{{- $wanted = append $wanted (list (printf "adapter.pools, pool %q" $pool.name) .secretName (list .key)) -}}
{{- end -}}
{{- end -}}
{{- /* At the install there is no key yet that it could hold. */ -}}
{{- if .Release.IsUpgrade -}}
{{- $wanted = append $wanted (list "test.keySecret" .Values.test.keySecret.name (list .Values.test.keySecret.key)) -}}
{{- end -}}
{{- range $wanted -}}
{{- include "fairlead.checkPresent" (dict "root" $ "kind" "Secret" "field" (index . 0) "name" (index . 1) "keys" (index . 2)) -}}
{{- end -}}
{{- range $global.catalog.configMaps -}}
{{- include "fairlead.checkPresent" (dict "root" $ "kind" "ConfigMap" "field" "global.catalog.configMaps" "name" .name "keys" (list .key)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* One of them: kind, name (nothing is asked for without one), keys, and the field that names it. */}}
{{- define "fairlead.checkPresent" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- if .name -}}
{{- $found := lookup "v1" .kind $namespace .name -}}
{{- if not $found -}}
{{- fail (printf "%s names the %s %q, which is not in the namespace %q: create it there first, or correct the name." .field .kind .name $namespace) -}}
{{- end -}}
{{- range $key := .keys -}}
{{- if not (hasKey ($found.data | default dict) $key) -}}
{{- fail (printf "%s names the %s %q, which has no key %q: add it, or correct the key." $.field $.kind $.name $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
