#!/bin/bash
# Grades one part of the class; Slurm starts it once for each part. From the course folder, which
# lies where all nodes see it, with the package in .venv:
#
#   parts=$(sbatch --parsable --array=1-16 slurm/grade.sh)
#   sbatch --dependency=afterany:"$parts" slurm/gather.sh
#
# Choose fewer parts than students: a part pays once for what its students share. If something was
# left over, say the same again: what is graded is not run again.
#SBATCH --job-name=autograder
#SBATCH --cpus-per-task=4
#SBATCH --mem=10G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --output=slurm/%x-%A-%a.log
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:?started by sbatch}"
export PATH="$PWD/.venv/bin:$PATH"

# exec, so that the signal a minute before the end of the time reaches the program itself: it keeps
# what is finished, and ends with 130.
exec autograder grade --jobs "$SLURM_CPUS_PER_TASK" \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
