//! A training loop with callbacks for Burn modules
