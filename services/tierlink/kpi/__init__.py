"""The pure core: facts in, measurements and KPI events out; no Kafka, SQL, file or clock."""
