"""Optuna's tables by its own code, and a study with trials: python optuna_rows.py CONNINFO NAME."""

import sys

import optuna
import psycopg


def objective(trial: optuna.Trial) -> float:
    """Fill the tables that hang below a trial."""
    trial.set_user_attr("who", "ada")
    for step in range(2):
        trial.report(0.5, step)
    return trial.suggest_float("x", 0, 1)


conninfo, name = sys.argv[1:]
optuna.logging.set_verbosity(optuna.logging.ERROR)
storage = optuna.storages.RDBStorage(
    url="postgresql+psycopg://", engine_kwargs={"creator": lambda: psycopg.connect(conninfo)}
)
study = optuna.create_study(storage=storage, study_name=name)
study.set_user_attr("who", "ada")
study.optimize(objective, n_trials=2)
number = storage.get_study_id_from_name(name)
storage.set_study_system_attr(number, "host", "here")
storage.set_trial_system_attr(storage.create_new_trial(number), "host", "here")
