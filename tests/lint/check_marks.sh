#!/bin/sh
# SPDX-License-Identifier: MIT
# Work that is left belongs to the issues, not to the sources.
grep -rnwE 'TO''DO|FIX''ME' Makefile src lua tests docs
exit 0
