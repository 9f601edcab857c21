//! Tests by topic. Those that look at the whole process are targets of their own.

#[path = "../common/mod.rs"]
mod common;

mod begin_anew;
mod callbacks;
mod damage;
mod ema;
mod files;
mod finish;
mod finite;
mod fit;
mod go_on;
mod go_on_callbacks;
mod limits;
mod logs;
mod measures;
mod minimizer;
mod non_finite;
mod norms;
mod rates;
mod tensorboard;
mod unequal;
mod workers;
