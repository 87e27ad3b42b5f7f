# A filter that matches nothing is told, and no error.
f=$TESTDATA/leaky.goroutine.t0.pb.gz
prof top --focus=nothing $f; echo "$?"
prof top --ignore=nothing --hide=nothing --show_from=nothing --tagfocus=nothing --tagignore=nothing=1 --compact_labels $f; echo "$?"
prof top --show=nothing --tagroot=nothing --tagleaf=no,thing --tagshow=nothing --taghide=nothing -q $f; echo "$?"
