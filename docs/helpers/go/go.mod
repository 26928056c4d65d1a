module understudytest

go 1.18
