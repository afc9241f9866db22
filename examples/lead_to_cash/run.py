#!/usr/bin/env python3
"""Plays a sales pipeline from lead to cash: python3 run.py --help"""
from harness.main import main

if __name__ == "__main__":
    raise SystemExit(main())
