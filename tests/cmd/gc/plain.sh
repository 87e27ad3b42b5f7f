prof gc $TESTDATA/gcpace.gogc100.log
