"""Windows of spike-timing-dependent plasticity that several tests share."""

from stdp_backprop.stdp.windows import Window

ANTISYMMETRIC = Window("antisymmetric", a_plus=1.0, a_minus=1.0, tau_plus_ms=20.0, tau_minus_ms=20.0)
BI_POO = Window("bi_poo", a_plus=0.777, a_minus=0.273, tau_plus_ms=16.8, tau_minus_ms=33.7)
BALANCED = Window("balanced", a_plus=1.0, a_minus=0.5, tau_plus_ms=17.0, tau_minus_ms=34.0)
LOPSIDED = Window("lopsided", a_plus=1.0, a_minus=0.6, tau_plus_ms=17.0, tau_minus_ms=34.0)
