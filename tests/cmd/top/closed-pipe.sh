# Quiet, status 141, also where the signal is ignored.
cp $TESTDATA/nethttp.mem.pb.gz f
prof top --lines --nodefraction=0 f | head -1
(sleep 0.3; exec prof top --lines --nodefraction=0 f) | true; echo "${PIPESTATUS[0]}"
(sleep 0.3; exec prof top --json --lines --nodefraction=0 f) | true; echo "${PIPESTATUS[0]}"
(trap '' PIPE; sleep 0.3; prof top --lines --nodefraction=0 f; echo "$?" >&3) 3>status | true
cat status
