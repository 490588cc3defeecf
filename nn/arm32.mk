# SPDX-License-Identifier: Apache-2.0
#
# Flags of 32-bit Arm. $1: the compiler, with the flags that choose a processor.
# Without one that names an FPU, it may be an FPU without NEON.
is_arm32	= $(findstring __arm__,$(shell $1 -dM -E -x c /dev/null \
		    2>/dev/null))
arm32_fpu	= $(if $(findstring -mfpu,$1),,-mfpu=neon)

# GCC uses NEON for floats only with -funsafe-math-optimizations, as NEON takes
# subnormal numbers for 0. Each other liberty of that flag is taken back. The
# compiler need not have all of these.
arm32_math	= -funsafe-math-optimizations -fno-associative-math \
		  -fno-reciprocal-math -fsigned-zeros -ftrapping-math \
		  -fno-approx-func
