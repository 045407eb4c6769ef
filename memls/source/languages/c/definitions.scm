; C has nothing beyond shared.scm.
