prof gc --md -n 3 $TESTDATA/gcpace.gogc100.log
