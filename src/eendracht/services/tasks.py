"""What somebody must do in the wing that follows from no finding."""

from eendracht.services import case_tasks

TASKS = (*case_tasks.TASKS,)
