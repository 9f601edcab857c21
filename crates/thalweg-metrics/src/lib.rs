//! Measures of scores, samples and calibration.
