//! Small data sets, toy densities, IDX, CSV and image folders, batches by seed
