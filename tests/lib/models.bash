# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For bats: small models and arrays, by means of their own.

# npy TYPE SHAPE: a .npy file of the bytes on standard input, such as
# npy '<f4' '2, 3'.
npy() {
	perl -0777 -e 'my ($type, $shape) = @ARGV; @ARGV = ();
		my $head = "{\x27descr\x27: \x27$type\x27, \x27fortran_order\x27: " .
			($ENV{FORTRAN} || "False") . ", \x27shape\x27: ($shape), }";
		$head .= " " x (-(length($head) + 11) % 64) . "\n";
		binmode STDIN; binmode STDOUT;
		print "\x93NUMPY\x01\0", pack("v", length $head), $head, <STDIN>;' \
		"$1" "$2"
}

# floats N...: these numbers, four bytes each.
floats() {
	perl -e 'binmode STDOUT; print pack "f<*", @ARGV' -- "$@"
}

# onnx NODE...: an .onnx file of one input x, and the output y of the last node.
# A node is "OP INPUT... > OUTPUT". Variables: DIMS, those of x, "1,3,4,4"; a
# name is a symbolic one; TYPE, the number of its type; EXTERNAL=1: weights w are
# in another file; else each row of them takes one number; WDIMS, their shape of
# 144 elements, "3,48".
onnx() {
	perl -e 'use strict; binmode STDOUT;
		sub num { my $n = shift; my $s = "";
			while ($n > 127) { $s .= chr($n & 127 | 128); $n >>= 7 }
			$s . chr $n }
		sub int { chr($_[0] << 3) . num $_[1] }
		sub part { chr($_[0] << 3 | 2) . num(length $_[1]) . $_[1] }
		sub value { my ($name, $type, $dims) = @_;
			part(1, $name) . part(2, part(1, main::int(1, $type) .
			part(2, join "", map { part(1, /^\d/ ? main::int(1, $_) :
				part(2, $_)) } split /,/, $dims))) }
		my $graph = "";
		for (@ARGV) {
			my ($op, @words) = split;
			my $y = pop @words; pop @words;
			$graph .= part(1, join("", map { part(1, $_) } @words) .
				part(2, $y) . part(3, "the $op") . part(4, $op));
		}
		my @w = map { my $r = $_; map { $_ == $r ? 1 : 0 } 0 .. 47 } 0 .. 2;
		$graph .= part(2, "g") . part(5, join("", map { main::int(1, $_) }
			split /,/, $ENV{WDIMS} || "3,48") . main::int(2, 1) .
			part(8, "w") . ($ENV{EXTERNAL} ?
			part(13, part(1, "location") . part(2, "w.bin")) .
			main::int(14, 1) : part(9, pack "f<*", @w)));
		$graph .= part(11, value("x", $ENV{TYPE} || 1,
			$ENV{DIMS} || "1,3,4,4"));
		$graph .= part(12, value("y", 1, "1,3"));
		print main::int(1, 8) . part(7, $graph) . part(8, main::int(2, 13));' \
		-- "$@"
}
