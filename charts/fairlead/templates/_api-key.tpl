{{/*
A new inference key: its prefix, 64 hex digits, and the CRC-32 of all that in eight more. The
services refuse a key by its checksum before they look it up, and Sprig knows no CRC and no XOR, so
both are here as tables. A number of 32 bits is a list of eight nibbles, the lowest first.
*/}}
{{- define "fairlead.apiKey" -}}
{{- $secret := sha256sum (randBytes 32) -}}
{{- $xor := include "fairlead.xorTable" . | fromJsonArray -}}
{{- $table := include "fairlead.crcTable" . | fromJsonArray -}}
{{- /* The state after "sk-fl-v1-". */ -}}
{{- $state := list 13 3 14 11 10 15 0 15 -}}
{{- range $character := regexFindAll "." $secret -1 -}}
{{- $digit := int (get (fromJson `{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"a":10,"b":11,"c":12,"d":13,"e":14,"f":15}`) $character) -}}
{{- /* "0" to "9" are 0x30 to 0x39 and "a" to "f" 0x61 to 0x66: the low nibble, then the high one. */ -}}
{{- range $nibble := ternary (list $digit 3) (list (int (sub $digit 9)) 6) (lt $digit 10) -}}
{{- $row := index $table (int (index $xor (int (first $state)) (int $nibble))) -}}
{{- $next := list -}}
{{- range $index, $value := append (rest $state) 0 -}}
{{- $next = append $next (index $xor (int $value) (int (index $row $index))) -}}
{{- end -}}
{{- $state = $next -}}
{{- end -}}
{{- end -}}
{{- $checksum := "" -}}
{{- range $state -}}
{{- $checksum = printf "%x%s" (int (index $xor (int .) 15)) $checksum -}}
{{- end -}}
sk-fl-v1-{{ $secret }}{{ $checksum }}
{{- end -}}

{{/* CRC-32 (reflected 0xEDB88320) of each nibble. */}}
{{- define "fairlead.crcTable" -}}
[
  [0,0,0,0,0,0,0,0],
  [4,6,0,1,7,11,13,1],
  [8,12,0,2,14,6,11,3],
  [12,10,0,3,9,13,6,2],
  [0,9,1,4,12,13,6,7],
  [4,15,1,5,11,6,11,6],
  [8,5,1,6,2,11,13,4],
  [12,3,1,7,5,0,0,5],
  [0,2,3,8,8,11,13,14],
  [4,4,3,9,15,0,0,15],
  [8,14,3,10,6,13,6,13],
  [12,8,3,11,1,6,11,12],
  [0,11,2,12,4,6,11,9],
  [4,13,2,13,3,13,6,8],
  [8,7,2,14,10,0,0,10],
  [12,1,2,15,13,11,13,11]
]
{{- end -}}

{{- define "fairlead.xorTable" -}}
[
  [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15],
  [1,0,3,2,5,4,7,6,9,8,11,10,13,12,15,14],
  [2,3,0,1,6,7,4,5,10,11,8,9,14,15,12,13],
  [3,2,1,0,7,6,5,4,11,10,9,8,15,14,13,12],
  [4,5,6,7,0,1,2,3,12,13,14,15,8,9,10,11],
  [5,4,7,6,1,0,3,2,13,12,15,14,9,8,11,10],
  [6,7,4,5,2,3,0,1,14,15,12,13,10,11,8,9],
  [7,6,5,4,3,2,1,0,15,14,13,12,11,10,9,8],
  [8,9,10,11,12,13,14,15,0,1,2,3,4,5,6,7],
  [9,8,11,10,13,12,15,14,1,0,3,2,5,4,7,6],
  [10,11,8,9,14,15,12,13,2,3,0,1,6,7,4,5],
  [11,10,9,8,15,14,13,12,3,2,1,0,7,6,5,4],
  [12,13,14,15,8,9,10,11,4,5,6,7,0,1,2,3],
  [13,12,15,14,9,8,11,10,5,4,7,6,1,0,3,2],
  [14,15,12,13,10,11,8,9,6,7,4,5,2,3,0,1],
  [15,14,13,12,11,10,9,8,7,6,5,4,3,2,1,0]
]
{{- end -}}
