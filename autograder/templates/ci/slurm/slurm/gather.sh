#!/bin/bash
# Brings all parts into gradebook, feedback and report, and grades whom no part has come to; see
# grade.sh.
#SBATCH --job-name=autograder-gather
#SBATCH --cpus-per-task=4
#SBATCH --mem=10G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --output=slurm/%x-%j.log
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:?started by sbatch}"
export PATH="$PWD/.venv/bin:$PATH"

exec autograder grade --jobs "$SLURM_CPUS_PER_TASK" --json results.json
