prof help && prof help | cmp - <(prof -h) && prof -h | cmp - <(prof --help)
