"""How leads come in: rows and deliveries, and the CRM's word that ends a lead."""
