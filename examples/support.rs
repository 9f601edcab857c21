//! Shared by the examples: command line, device, allocator, report.
