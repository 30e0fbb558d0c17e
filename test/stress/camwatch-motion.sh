#!/bin/sh
# The motion camera of the quick test, for days: 500 clips.
CLIPS=${CLIPS:-500} exec "$(dirname "$0")/../e2e/camwatch-motion.t"
