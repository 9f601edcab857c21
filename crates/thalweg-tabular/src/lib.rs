//! Densities of tables as they come.
