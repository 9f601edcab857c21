//! Normalizing flows and the models around them, on Burn
