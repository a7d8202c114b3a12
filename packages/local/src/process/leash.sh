#!/bin/sh
# Ends what a supervisor started once the supervisor is gone, however it went (SIGKILL too).
#
# Lines on stdin: "+ <pid> <signal>" adds a process and the signal that ends it politely,
# "- <pid>" removes it. End of input means that the supervisor is gone. A shell and not Node:
# it starts in a millisecond and holds one megabyte.
trap '' INT TERM HUP

processes=""
while read -r operation pid signal; do
  case "$operation" in
    +) processes="$processes $pid:$signal" ;;
    -)
      kept=""
      for process in $processes; do
        [ "${process%%:*}" = "$pid" ] || kept="$kept $process"
      done
      processes=$kept
      ;;
  esac
done

for process in $processes; do
  kill -s "${process##*:}" "${process%%:*}" 2>/dev/null
done

# Five seconds to end politely: 50 times a tenth.
rounds=0
while [ "$rounds" -lt 50 ]; do
  alive=""
  for process in $processes; do
    kill -0 "${process%%:*}" 2>/dev/null && alive=yes
  done
  [ -n "$alive" ] || exit 0
  sleep 0.1
  rounds=$((rounds + 1))
done

# Each was started as the leader of a group of its own: what it started goes with it.
for process in $processes; do
  kill -s KILL -- "-${process%%:*}" 2>/dev/null
done
