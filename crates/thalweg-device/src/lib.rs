//! Burn devices by name, with errors instead of panics
