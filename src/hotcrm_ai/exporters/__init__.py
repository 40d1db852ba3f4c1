"""Writes models for elsewhere: folders that run on SageMaker, Azure ML and MLflow as they are, ONNX graphs, and plain bundle files."""

from hotcrm_ai.exporters.bundle_file import read_bundle_file, write_bundle_file
from hotcrm_ai.exporters.folder import TARGETS, ExportedFolder, export_folder

__all__ = ["TARGETS", "ExportedFolder", "export_folder", "read_bundle_file", "write_bundle_file"]
