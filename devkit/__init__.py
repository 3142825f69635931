"""A local GitHub, real Django trees and the demo; never imported by the service."""
