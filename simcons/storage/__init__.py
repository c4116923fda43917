"""The run folder: Parquet tables, streamed while the study runs, and a manifest written last."""
