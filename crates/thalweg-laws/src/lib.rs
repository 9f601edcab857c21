//! The laws that every bijection must pass, as a test suite for yours
