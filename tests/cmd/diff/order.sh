# By |change| of flat or of cum; -n cuts.
a=$TESTDATA/checkout.before.allocs.pb.gz b=$TESTDATA/checkout.after.allocs.pb.gz
profdiff -n 4 $a $b | tail -n 6
profdiff -n 4 --cum $a $b | tail -n 6
echo "30 by default: $(profdiff $a $b | grep -c '%…'), all that changed: $(profdiff -n 0 $a $b | grep -c '%…'), all: $(profdiff -n -1 $a $b | grep -c '%…')"
