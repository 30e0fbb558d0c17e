#!/bin/sh
# test/translated finds what the Spanish manual pages and README lack or have too much.
. "$(dirname "$0")/../lib.sh"

translated() { (cd here && "$top/test/translated" man/*.[0-9] README.md); }

# finds NAME FILE SED PATTERN: after that change of one file, and of it alone.
finds() {
	rm -rf here
	mkdir -p here/man/es
	cp "$top/man/backoff.1" "$top/man/segcheck.1" here/man
	cp "$top/man/es/backoff.1" "$top/man/es/segcheck.1" here/man/es
	cp "$top/README.md" "$top/README.es.md" here
	sed -i "$3" "here/$2"
	run translated
	is "$1: exit code" "$rc" "$([ -n "$4" ] && echo 1 || echo 0)"
	like "$1: message" "$err" "$4"
}

page=man/es/backoff.1
finds "nothing" $page '' ''
finds "other words" $page 's/^Reiniciar desde/Desde/' ''
finds "a comment in an example" $page 's/^Restart=always$/&  # siempre/' ''
finds "an option is missing" $page '/^\.It Fl m/,+1d' \
	"translated: $page:*but man/backoff.1:*: '.It Fl m Ar SEC , Fl -most Ar SEC'"
finds "an option is new" man/backoff.1 '/^\.It Fl m/i .It Fl k' "translated: $page:*'.It Fl k'"
finds "an argument differs" $page 's/^\.It Fl m Ar SEC/.It Fl m Ar SEG/' "translated: $page:*"
finds "a section is missing" $page '/^\.Sh ADVERTENCIAS/,$d' "translated: $page:end:*ADVERTENCIAS'"
finds "a section is English" $page 's/^\.Sh FICHEROS/.Sh FILES/' "translated: $page:*FICHEROS'"
finds "a section is in no table" man/backoff.1 's/^\.Sh FILES/.Sh PLACES/' "*PLACES?'"
finds "an exit code differs" $page 's/^\.It 66/.It 67/' "translated: $page:*'.It 66'"
finds "a block of code differs" $page 's/^Restart=always/Restart=no/' "*'Restart=always'"
finds "a line of code differs" man/es/segcheck.1 's/ -J 2 / -J 3 /' "translated: man/es/segcheck.1:*"
finds "a paragraph is missing" man/es/segcheck.1 '0,/^\.Pp/{/^\.Pp/d}' "translated: man/es/segcheck.1:*"
finds "the name of a tool is missing" $page 's/^\.Nm backoff$/.Nm/' "*$page: '.Nm' has no name behind it*"
finds "an accent in a heading" $page "s/^\.Sh DESCRIPCI\\\\('ON/.Sh DESCRIPCIÓN/" \
	"*$page: '.Sh DESCRIPCIÓN': write *"
finds "what mandoc finds" $page 's/^Uso incorrecto/\\[none]&/' "*WARNING*translated: $page: mandoc*"
finds "a heading of README differs" README.es.md 's/^## /### /' "translated: README.es.md:*'##'"
finds "code of README differs" README.es.md 's/^    make check/&s/' "translated: README.es.md:*"
finds "a link of README differs" README.es.md 's/(man\/es\/rtmppush.1)/(man\/es\/rtmpsink.1)/' \
	"translated: README.es.md:*"
finds "a number of README differs" README.es.md 's|H.264, no H.265|H.265, no H.264|' \
	"translated: README.es.md:*"

finds "nothing again" $page '' ''
rm here/man/es/segcheck.1
run translated
like "a page is missing" "$rc $err" "1 translated: man/es/segcheck.1 is missing"
touch here/man/es/camwatch.1
run translated
like "a page is of none" "$rc $err" "1 *translated: man/es/camwatch.1 translates nothing"
finish
