"""``simcons train``: what is learnt from studies. `commands` is registered in `app`."""
