prof
