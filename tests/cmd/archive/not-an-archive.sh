# Other SQLite files, other files, and archives of a later version.
prof archive ls testdata/README.md; echo "status $?"
prof archive add testdata/contend.mutex.pb.gz testdata/contend.mutex.pb.gz; echo "status $?"
prof archive ls .; echo "status $?"
: >empty
prof archive ls empty; echo "status $?"
prof archive add -q n.db testdata/contend.mutex.pb.gz
printf '\000\000\000\011' | dd of=n.db bs=1 seek=60 conv=notrunc status=none # user_version = 9
prof archive ls n.db; echo "status $?"
prof archive add n.db testdata/contend.block.pb.gz; echo "status $?"
printf '\000\000\000\002' | dd of=n.db bs=1 seek=60 conv=notrunc status=none
prof archive ls n.db; echo "status $?"
printf 'XXXX' | dd of=n.db bs=1 seek=68 conv=notrunc status=none # application_id
prof archive ls n.db; echo "status $?"
# An archive is no profile, and what is in one is no file.
prof archive add -q other.db testdata/contend.mutex.pb.gz
prof top other.db; echo "status $?"
prof archive add third.db other.db:1; echo "status $?"
prof archive export other.db 1 | prof archive add third.db -; echo "status $?"
