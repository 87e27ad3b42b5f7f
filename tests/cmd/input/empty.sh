: >f
prof top f; echo "$?"
prof top /dev/null; echo "$?"
prof top - </dev/null; echo "$?"
gzip -n <f >g
prof top g; echo "$?"
