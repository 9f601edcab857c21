//! Tests by topic.

mod fixtures;

mod jacobian;
mod random_shapes;
mod scramble;
mod suite;
mod teeth;
