//! Normalizing flows on Burn: bijections, couplings, log-determinants, densities
