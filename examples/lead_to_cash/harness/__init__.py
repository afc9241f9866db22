"""The harness of the example: reads a pipeline folder and plays it through the engine, from lead to cash.

pipeline   the four CSV files, checked row by row
people     accounts, products and agents as records of the application
outside    a simulated ERP and MES with a ledger of their own
play       day by day: deals are opened, driven to their outcome, and won ones to cash
answers    what is reported at the end
tables     tables for terminals, right with Chinese text
main       the command line
"""
